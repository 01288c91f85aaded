-- Run once by PostgreSQL's image as its administrator, after roles.sql: passwords from the secrets, and
-- databases of their owners. Temporal has a role and two databases of its own, and no way into ours.

\set owner `cat /run/secrets/owner_password`
\set persistence `cat /run/secrets/persistence_password`
\set notifications `cat /run/secrets/notifications_password`
\set operator `cat /run/secrets/operator_password`
\set keys `cat /run/secrets/keys_password`
\set gateway `cat /run/secrets/gateway_password`
\getenv temporal TEMPORAL_PASSWORD

ALTER ROLE medlemsflyt_owner PASSWORD :'owner';
ALTER ROLE medlemsflyt_persistence PASSWORD :'persistence';
ALTER ROLE medlemsflyt_notifications PASSWORD :'notifications';
ALTER ROLE medlemsflyt_operator PASSWORD :'operator';
ALTER ROLE medlemsflyt_keys PASSWORD :'keys';
ALTER ROLE medlemsflyt_gateway PASSWORD :'gateway';
CREATE ROLE temporal LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'temporal';

CREATE DATABASE medlemsflyt OWNER medlemsflyt_owner;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE ALL ON DATABASE medlemsflyt, temporal, temporal_visibility FROM PUBLIC;
