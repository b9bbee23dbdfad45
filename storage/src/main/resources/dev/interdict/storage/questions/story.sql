-- What happened around an alert?
-- alert: its id, or the beginning of it
FROM story($alert)
