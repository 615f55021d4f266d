-- Of an origin and a sentiment.
/*of_origin*/
    AND /*of_sentiment*/
