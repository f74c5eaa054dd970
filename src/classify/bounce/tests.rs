//! Notices of common mail programs, as they write them.
