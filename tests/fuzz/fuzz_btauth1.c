/* btauth/1 on the answering side: eight lines of input are the header values and
 * the request line, the rest is the body. A fuzzer cannot sign, so nothing may be
 * accepted, and the replay store must stay empty. */
#include <stdlib.h>
#include "miner/miner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cuts the next line off; an empty one is an absent header. */
static const char *line(char **at)
{
	char *s = *at, *end = strchr(s, '\n');
	if (end != NULL)
		*end = '\0';
	*at = end != NULL ? end + 1 : s + strlen(s);
	return *s != '\0' ? s : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t own[32] = {0x8e, 0xaf, 0x04, 0x15, 0x16, 0x87, 0x73, 0x63,
									0x26, 0xc9, 0xfe, 0xa1, 0x7e, 0x25, 0xfc, 0x52,
									0x87, 0x61, 0x36, 0x93, 0xc9, 0x12, 0x90, 0x9c,
									0xb2, 0x26, 0xaa, 0x47, 0x94, 0xf2, 0x6a, 0x48};
	char *text = malloc(size + 1), *at = text;
	uint8_t sender[32];
	assay_err e = {0};
	if (text == NULL || asy_crypto_init(&e) != ASSAY_OK)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	asy_btauth1_request r = {.version = line(&at)};
	r.hotkey = line(&at);
	r.receiver = line(&at);
	r.nonce = line(&at);
	r.crypto = line(&at);
	r.signature = line(&at);
	r.method = line(&at);
	r.target = line(&at);
	r.body = asy_span(at, (size_t)(text + size - at));
	asy_replay *store = asy_replay_new(4);
	assay_status st =
		asy_btauth1_verify(&r, own, (uint64_t)1752076800 * 1000000000u, NULL, store, sender, &e);
	/* the one signature in the corpus is the published example of the protocol */
	static const char example[] = "0x549a95661d63847ef5146f6743dc9c8a";
	ASSERT(st != ASSAY_OK || strncmp(r.signature, example, sizeof example - 1) == 0);
	ASSERT(st == ASSAY_OK || e.msg[0] != '\0');
	asy_replay_free(store);
	free(text);
	return 0;
}
