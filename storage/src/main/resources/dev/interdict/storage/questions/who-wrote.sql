-- Who wrote, renamed or removed that file?
-- path: resolved, as in file_path
FROM who_wrote($path)
