-- How much an interaction of a day weighs: twice as much every 90 days (B8). Exact for 14 years before `to`.
(took_place -> toInt128({residues:Array(Int64)}[modulo(took_place, 90) + 1])
    * toInt128(bitShiftLeft(toUInt64(1), toUInt8(greatest(0, 60 + intDiv(took_place, 90)
        - intDiv(toInt32({to:Date32}), 90)))))) AS weight_of
