-- Mails and SMS that are sent: live mode alone. Those of test mode are kept to be read.

ALTER TABLE messages ADD COLUMN due_ms INTEGER;
ALTER TABLE messages ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN state TEXT;
ALTER TABLE messages ADD COLUMN error TEXT;
CREATE INDEX messages_due ON messages (due_ms, id) WHERE due_ms IS NOT NULL;
CREATE INDEX messages_failed ON messages (id) WHERE state = 'failed';
