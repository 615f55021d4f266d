-- Cells of a CSV file that no spreadsheet runs.
(t -> trimBoth(replaceRegexpAll(ifNull(t, {nothing:String}), {controls:String}, {space:String}))) AS plain,
    (t -> if({raw:Bool} OR NOT match(plain(t), {dangerous:String}), plain(t),
        replaceRegexpAll(plain(t), {dangerous:String}, {harmless:String}))) AS safe
