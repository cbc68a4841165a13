"""The database and the audio store.

database.py   Database: engine, migrations, and `transaction()`, which yields a Transaction
transaction.py  Transaction: the repositories of one unit of work (tx.calls, tx.reps, tx.teams, tx.keys, ...)
calls.py      CallRepository: create, get, list, claim, renew, release, fail, retry, stuck work
transcripts.py, scorecards.py, reps.py, teams.py, keys.py, rollup.py, audit.py   one module a noun
audio.py      AudioStore over obstore
models.py     the tables;  migrations/  Alembic;  records.py  what is handed out
"""
