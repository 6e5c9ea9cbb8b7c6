-- The ledger's hashes, seals and closed periods.
SELECT 1;
