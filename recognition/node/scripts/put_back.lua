-- Puts a dead letter back among the others. Trimming comes first for a full server's sake: it refuses XADD only to
-- scripts that have written nothing yet, and the letter stands nowhere else now.
-- KEYS: 1 dead letters   ARGV: 1 most that may stand there beside it, then its fields and values   Returns its new id.
redis.call('XTRIM', KEYS[1], 'MAXLEN', ARGV[1])
return redis.call('XADD', KEYS[1], '*', unpack(ARGV, 2))
