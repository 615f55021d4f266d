-- Of a sentiment; empty: of whom nothing was heard.
({any_sentiment:Bool} OR ifNull(sentiment, {nothing:String}) = {sentiment:String})
