/* Keys: storage keys built from the rows of tables.h, and typed reads that fall back
 * to the row's default, so that an absent key reads as the metadata says.
 * Reason to change: a key or value shape that the runtime needs. */
#ifndef ASY_LOCALNET_KEYS_H
#define ASY_LOCALNET_KEYS_H
#include "codec/codec.h"
#include "localnet/storage.h"
#include "localnet/tables.h"
#include "subnet/subnet.h"

/* A storage key, at most prefix + two hashed keys. */
typedef struct {
	uint8_t bytes[32 + 2 * 48];
	size_t len;
} lnet_key;
static inline assay_span asy_lnet_key_span(const lnet_key *k)
{
	return (assay_span){k->bytes, k->len};
}

lnet_key asy_lnet_key(lnet_item item); /* plain item, or the prefix of a map */
lnet_key asy_lnet_key_u16(lnet_item item, uint16_t a);
lnet_key asy_lnet_key_u32(lnet_item item, uint32_t a);
lnet_key asy_lnet_key_u64(lnet_item item, uint64_t a);
lnet_key asy_lnet_key_u16_u64(lnet_item item, uint16_t a, uint64_t b);
lnet_key asy_lnet_key_u16x2(lnet_item item, uint16_t a, uint16_t b);
lnet_key asy_lnet_key_account(lnet_item item, const asy_account *a);
lnet_key asy_lnet_key_u16_account(lnet_item item, uint16_t a, const asy_account *b);
lnet_key asy_lnet_key_account_u16(lnet_item item, const asy_account *a, uint16_t b);

/* Fixed-width unsigned values (u8..u64, bool), little-endian, default when absent. */
uint64_t asy_lnet_read(const lnet_state *s, lnet_item item, lnet_key key);
void asy_lnet_write(lnet_state *s, lnet_item item, lnet_key key, uint64_t value);
/* Plain items. */
uint64_t asy_lnet_read0(const lnet_state *s, lnet_item item);
void asy_lnet_write0(lnet_state *s, lnet_item item, uint64_t value);
/* Maps over one u16 (netuid or storage index). */
uint64_t asy_lnet_read1(const lnet_state *s, lnet_item item, uint16_t a);
void asy_lnet_write1(lnet_state *s, lnet_item item, uint16_t a, uint64_t value);

/* An account value, zero when absent. */
asy_account asy_lnet_read_account(const lnet_state *s, lnet_key key);
/* The uid of a hotkey in a subnet; false when not registered. */
bool asy_lnet_uid(const lnet_state *s, uint16_t netuid, const asy_account *hotkey, uint16_t *uid);

/* Element i of a vector item, 0 beyond its length. */
uint64_t asy_lnet_vec_u64_at(const lnet_state *s, lnet_key key, size_t i);
uint16_t asy_lnet_vec_u16_at(const lnet_state *s, lnet_key key, size_t i);
bool asy_lnet_vec_bool_at(const lnet_state *s, lnet_key key, size_t i);
/* Sets element i, growing the vector with zeros. */
void asy_lnet_vec_u64_set(lnet_state *s, lnet_key key, size_t i, uint64_t value);
#endif
