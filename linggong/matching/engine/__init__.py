"""The matching kernels: who suits what, on plain arrays. No Django, no database; numba is loaded by whoever asks.

`index.WorkerIndex` finds the best workers for a posting, `postings.PostingIndex` the best postings for a person,
`rounds` looks at everybody and every open place at once. All three know the published points of `matching.score` and
give the same answers as the database does. Nothing is imported here: a process that matches in SQL pays for nothing.
"""
