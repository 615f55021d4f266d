-- set_preview: A page of the contacts that another model would move from one segment to another.
WITH
    /*scoring*/
/*profiles_after*/
    AND segment = {source:String}
    AND segment_of(greatest(toInt32({to:Date32}) - toInt32(ifNull(last_order_day, {to:Date32})), 0),
        orders, orders * 100 + interactions * {interaction_weight:Int64}, revenue_minor) = {target:UInt8}
/*richest_first*/
