-- Of some origins, or of any other than these; an origin that nobody knows is an empty text.
({any_origin:Bool} OR has({origins:Array(String)}, ifNull(origin, {nothing:String})) != {other_origins:Bool})
