/* Subscribe: what one WebSocket client wants to hear of: heads, final heads, storage, the
 * runtime's version, its transactions. No socket is known here: messages go to a function.
 * Reason to change: another kind of subscription. */
#ifndef ASY_LOCALNET_SUBSCRIBE_H
#define ASY_LOCALNET_SUBSCRIBE_H
#include "localnet/node.h"

enum { LNET_SUBSCRIPTIONS_MAX = 256, LNET_SUBSCRIBED_KEYS_MAX = 1024 };

typedef enum {
	LNET_SUB_HEADS,
	LNET_SUB_ALL_HEADS,
	LNET_SUB_FINAL,
	LNET_SUB_STORAGE,
	LNET_SUB_VERSION,
	LNET_SUB_EXTRINSIC
} lnet_sub_kind;
typedef struct {
	uint64_t id; /* 0 = a free place */
	lnet_sub_kind kind;
	bool begun;     /* the first message has gone out */
	uint64_t seen;  /* blocks up to here have been told, final ones for LNET_SUB_FINAL */
	asy_buf keys;   /* storage: each a u32 length, then its bytes */
	asy_hash value; /* storage: digest of what was sent; extrinsic: its hash */
	asy_block_ref in_block;
} lnet_sub;

struct lnet_subscriber {
	lnet_node *node;
	void (*emit)(void *arg, assay_span message);
	void *arg;
	lnet_sub sub[LNET_SUBSCRIPTIONS_MAX];
	uint64_t next_id;
};
void asy_lnet_subscriber_init(lnet_subscriber *s, lnet_node *n,
							  void (*emit)(void *arg, assay_span message), void *arg);
void asy_lnet_subscriber_fini(lnet_subscriber *s);
/* Emits what each subscription has not been told yet. After every reply and every block. */
void asy_lnet_subscriber_news(lnet_subscriber *s);
#endif
