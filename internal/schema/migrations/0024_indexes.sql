-- Written by: event, stock, webhook.

-- Who wants events of some types reads the log by its numbers: an index of the types cost each change more than that.
DROP INDEX events_type;
