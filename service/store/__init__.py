"""The database and the audio store.

database.py     Database: engine, migrations, `transaction()` and `read()`, which yield a Transaction
transaction.py  Transaction: the repositories of one unit of work (tx.calls, tx.reps, tx.teams, tx.keys, ...)
calls.py        CallRepository: create, list, count;  call_work.py  its claims, retries and sweeps;  call_rows.py  its rows
transcripts.py, scorecards.py, reps.py, teams.py, keys.py, rollup.py, audit.py   one module a noun
audio.py        AudioStore over obstore;  durable.py  its writing of local files
models.py       the tables;  types.py  their column types;  upsert.py  INSERT ... ON CONFLICT;  content.py  JSON at rest
schema.py       applies migrations/ (Alembic);  sqlite.py  how SQLite is driven;  private.py  modes of files
faults.py       what failing databases and stores are called;  records.py  what is handed out
"""
