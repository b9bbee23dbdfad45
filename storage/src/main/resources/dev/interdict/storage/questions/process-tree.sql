-- Where does a process come from, and what came of it?
-- process: its process_id
FROM process_tree($process)
