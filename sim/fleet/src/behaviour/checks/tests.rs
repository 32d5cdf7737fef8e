//! What is demanded is verified.
