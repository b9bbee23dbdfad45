-- Where and when did this program run first?
-- image: its resolved path
FROM first_seen($image)
