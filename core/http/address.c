/* Which addresses a stranger may make us connect to. Pure; the special-purpose
 * registries of IANA as tables. An address that embeds an IPv4 address (mapped,
 * NAT64, 6to4) has the class of the embedded one. */
#include "http/http.h"

typedef struct {
	uint8_t prefix[16];
	uint8_t bits;
	asy_addr_class cls;
} net;

/* The first match decides. */
static const net v4[] = {
	{{0}, 8, ASY_ADDR_FORBIDDEN},             /* "this network"; Linux dials itself */
	{{10}, 8, ASY_ADDR_PRIVATE},              /* private use */
	{{100, 64}, 10, ASY_ADDR_PRIVATE},        /* shared address space */
	{{127}, 8, ASY_ADDR_PRIVATE},             /* loopback */
	{{169, 254}, 16, ASY_ADDR_PRIVATE},       /* link-local, cloud metadata */
	{{172, 16}, 12, ASY_ADDR_PRIVATE},        /* private use */
	{{192, 0, 0}, 24, ASY_ADDR_FORBIDDEN},    /* protocol assignments */
	{{192, 0, 2}, 24, ASY_ADDR_FORBIDDEN},    /* documentation */
	{{192, 88, 99}, 24, ASY_ADDR_FORBIDDEN},  /* 6to4 relay */
	{{192, 168}, 16, ASY_ADDR_PRIVATE},       /* private use */
	{{198, 18}, 15, ASY_ADDR_PRIVATE},        /* benchmarking */
	{{198, 51, 100}, 24, ASY_ADDR_FORBIDDEN}, /* documentation */
	{{203, 0, 113}, 24, ASY_ADDR_FORBIDDEN},  /* documentation */
	{{224}, 4, ASY_ADDR_FORBIDDEN},           /* multicast */
	{{240}, 4, ASY_ADDR_FORBIDDEN},           /* reserved, broadcast */
};

static const net v6[] = {
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, ASY_ADDR_PRIVATE}, /* loopback */
	{{0}, 96, ASY_ADDR_FORBIDDEN}, /* unspecified, old compatible form */
	{{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, ASY_ADDR_PRIVATE}, /* local NAT64 */
	{{0x01}, 64, ASY_ADDR_FORBIDDEN},                             /* discard */
	{{0x20, 0x01, 0x00}, 23, ASY_ADDR_FORBIDDEN},       /* Teredo and protocol assignments */
	{{0x20, 0x01, 0x0d, 0xb8}, 32, ASY_ADDR_FORBIDDEN}, /* documentation */
	{{0x3f, 0xff}, 20, ASY_ADDR_FORBIDDEN},             /* documentation */
	{{0xfc}, 7, ASY_ADDR_PRIVATE},                      /* unique local */
	{{0xfe, 0x80}, 10, ASY_ADDR_PRIVATE},               /* link-local */
	{{0xfe, 0xc0}, 10, ASY_ADDR_PRIVATE},               /* site-local */
	{{0xff}, 8, ASY_ADDR_FORBIDDEN},                    /* multicast */
};

static bool in_net(const uint8_t *ip, const net *n)
{
	size_t whole = n->bits / 8;
	if (memcmp(ip, n->prefix, whole) != 0)
		return false;
	if (n->bits % 8 == 0)
		return true;
	uint8_t mask = (uint8_t)(0xffu << (8 - n->bits % 8));
	return ((ip[whole] ^ n->prefix[whole]) & mask) == 0;
}

static asy_addr_class look_up(const uint8_t *ip, const net *nets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (in_net(ip, &nets[i]))
			return nets[i].cls;
	return ASY_ADDR_PUBLIC;
}

asy_addr_class asy_addr_classify(const uint8_t ip[16], bool is_v4)
{
	static const net mapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, ASY_ADDR_PUBLIC};
	static const net nat64 = {{0x00, 0x64, 0xff, 0x9b}, 96, ASY_ADDR_PUBLIC};
	static const net six_to_four = {{0x20, 0x02}, 16, ASY_ADDR_PUBLIC};

	if (is_v4 || in_net(ip, &mapped) || in_net(ip, &nat64))
		return look_up(ip + 12, v4, ASY_COUNT(v4));
	if (in_net(ip, &six_to_four))
		return look_up(ip + 2, v4, ASY_COUNT(v4));
	return look_up(ip, v6, ASY_COUNT(v6));
}
