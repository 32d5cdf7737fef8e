//! Messages: merge fields, headers, MIME, and DKIM signatures.
