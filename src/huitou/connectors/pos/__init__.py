"""The tills: daily receipt files in a drop folder, master files, pushed receipts."""
