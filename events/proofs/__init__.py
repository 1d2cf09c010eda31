"""Proofs: seals over all streams (Merkle roots), and verification of the whole log.

| module | what it does |
| --- | --- |
| ``merkle`` | Merkle tree hashes and inclusion proofs of RFC 9162 |
| ``seals`` | a seal over all stream heads, chained to the seal before it |
| ``verify`` | chains, columns, heads, texts and positions verified from the stored bytes |
| ``verify_seals`` | each seal's leaves, root and link to its predecessor verified |
"""
