/* A miner's row on the chain -> where to dial it, or why not. The chain stores
 * whatever a miner announced; nothing of it is trusted here. Pure. */
#include <arpa/inet.h>
#include "miner/miner.h"

const char *asy_reach_name(asy_reach r)
{
	switch (r) {
	case ASY_REACH_OK:
		return "reachable";
	case ASY_REACH_NOT_SERVING:
		return "not serving";
	case ASY_REACH_BAD_ADDRESS:
		return "announces an impossible address";
	case ASY_REACH_PRIVATE:
		return "announces a private address";
	}
	return "unknown";
}

static bool is_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static bool host_text(const uint8_t ip[16], bool is_v4, char *out, size_t cap)
{
	char text[INET6_ADDRSTRLEN];
	if (inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? ip + 12 : ip, text, sizeof text) == NULL)
		return false;
	int n = snprintf(out, cap, is_v4 ? "%s" : "[%s]", text);
	return n > 0 && (size_t)n < cap;
}

/* The address to dial, into ip. */
static asy_reach resolve(const asy_miner_row *row, bool allow_private, uint8_t ip[16])
{
	static const uint8_t dev_loopback[4] = {0, 0, 0, 1};
	bool is_v4 = row->ip_type == 4;

	memcpy(ip, row->ip, 16);
	if (is_zero(ip, 16) || row->port == 0)
		return ASY_REACH_NOT_SERVING;
	if ((!is_v4 && row->ip_type != 6) || (is_v4 && !is_zero(ip, 12)))
		return ASY_REACH_BAD_ADDRESS;
	/* The chain refuses to store 127.0.0.1, so development networks write 0.0.0.1. */
	if (allow_private && is_v4 && memcmp(ip + 12, dev_loopback, 4) == 0)
		memcpy(ip + 12, (const uint8_t[4]){127, 0, 0, 1}, 4);
	asy_addr_class cls = asy_addr_classify(ip, is_v4);
	if (cls == ASY_ADDR_FORBIDDEN)
		return ASY_REACH_BAD_ADDRESS;
	return cls == ASY_ADDR_PRIVATE && !allow_private ? ASY_REACH_PRIVATE : ASY_REACH_OK;
}

asy_reach asy_miner_reach(const asy_miner_row *row, bool allow_private)
{
	uint8_t ip[16];
	return resolve(row, allow_private, ip);
}

asy_reach asy_miner_target(const asy_miner_row *row, bool allow_private, asy_target *out)
{
	asy_target t = {.uid = row->uid, .port = row->port};
	uint8_t ip[16];
	asy_reach how = resolve(row, allow_private, ip);
	if (how != ASY_REACH_OK)
		return how;
	if (!host_text(ip, row->ip_type == 4, t.host, sizeof t.host))
		return ASY_REACH_BAD_ADDRESS;
	memcpy(t.hotkey, row->hotkey, sizeof t.hotkey);
	asy_ss58_encode(t.hotkey, t.ss58);
	*out = t;
	return ASY_REACH_OK;
}
