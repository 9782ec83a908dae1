/* Nodes by https:// and wss://: a certificate that the system or chain.ca_file vouches for is
 * taken, every other is refused with a sentence that says why. */
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>
#include "e2e/world.h"
#include "front/net.h"
#include "support/certificate.h"
#include "support/lying_node.h"
#include "support/test.h"

#define DAY (24 * 3600L)

static world w;
static uint16_t upstream;
static char authority[300];

static void set_up(void)
{
	world_start(&w, 1, 20, 200);
	upstream = (uint16_t)strtoul(strrchr(w.url, ':') + 1, NULL, 10);
	certificate_make(w.dir, &(certificate){"authority", NULL, -DAY, DAY}, NULL);
	(void)snprintf(authority, sizeof authority, "%s/authority.pem", w.dir);
}

static void tear_down(void)
{
	world_stop(&w);
}

/* What `assayd --check` says about a node at this address. */
static char *check(const char *scheme, uint16_t port, const char *ca_file)
{
	world seen = w;
	char config[512], text[4096], shared[2048], *out = NULL;
	const char *argv[] = {"assayd", "--check", "--config", config, "--json", NULL};
	(void)snprintf(seen.url, sizeof seen.url, "%s://127.0.0.1:%u", scheme, port);
	world_shared(&seen, shared);
	shared[strlen(shared) - 1] = '\0'; /* the end of "chain" */
	(void)snprintf(text, sizeof text,
				   "{\"netuid\":1,\"data_dir\":\"data\",\"wallet\":{\"dev_uri\":\"//E2E//v1\"},%s,"
				   "\"ca_file\":\"%s\"}}",
				   shared, ca_file);
	world_write_config(&w, 1, text);
	world_lane_path(&w, 1, "assayd.json", config);
	(void)world_run(argv, 60, &out);
	return out;
}

/* Opens a chain at the address, as the daemon does. refused: a part of the reason; NULL = it is
 * taken. */
static void meet(const char *scheme, const char *host, uint16_t port, const char *ca_file,
				 const char *what, const char *refused)
{
	char address[128];
	const char *url = address;
	asy_front_net net = {0};
	assay_err err = {0};
	const asy_front_net_opts o = {
		.endpoints = &url, .endpoints_n = 1, .call_timeout_ms = 20000, .ca_file = ca_file};
	(void)snprintf(address, sizeof address, "%s://%s:%u", scheme, host, port);
	ck_ok(asy_crypto_init(&err), err);
	ck_ok(asy_front_net_loop(&net, &err), err);
	assay_status st = asy_front_net_open(&net, &o, &err);
	asy_front_net_close(&net);
	ck_assert_msg((st == ASSAY_OK) == (refused == NULL), "%s, %s: %s %s", scheme, what,
				  assay_status_name(st), err.msg);
	ck_assert_msg(st == ASSAY_OK || st == ASSAY_E_NET, "%s", assay_status_name(st));
	ck_assert_msg(refused == NULL || strstr(err.msg, refused) != NULL, "%s, %s: %s", scheme, what,
				  err.msg);
}

static lying_node serve(const certificate *c, const char *by)
{
	static char pem[512], key[512];
	certificate_make(w.dir, c, by);
	(void)snprintf(pem, sizeof pem, "%s/%s.pem", w.dir, c->name);
	(void)snprintf(key, sizeof key, "%s/%s.key", w.dir, c->name);
	return lying_node_start_tls(pem, key, upstream);
}

typedef struct {
	certificate cert;
	const char *by, *host;
	const char *https, *wss; /* why it is refused; NULL: it is taken */
} row;

#define HERE "127.0.0.1"
#define OURS "IP:127.0.0.1"
static const row rows[] = {
	{{"good", OURS, -DAY, DAY}, "authority", HERE, NULL, NULL},
	{{"self-signed", OURS, -DAY, DAY},
	 NULL,
	 HERE,
	 "self-signed certificate",
	 "self-signed certificate"},
	{{"other-address", "DNS:node.example,IP:127.0.0.2", -DAY, DAY},
	 "authority",
	 HERE,
	 "no alternative",
	 "mismatch"},
	{{"expired", OURS, -2 * DAY, -DAY}, "authority", HERE, "has expired", "has expired"},
	{{"expired-and-other", "IP:127.0.0.2", -2 * DAY, -DAY}, "authority", HERE, "SSL", "refused"},
	{{"early", OURS, DAY, 2 * DAY}, "authority", HERE, "not yet valid", "not yet valid"},
	{{"by-no-authority", OURS, -DAY, DAY}, "good", HERE, "issuer", "issuer"},
	/* no IPv6 here: nobody is reached, which is no less refused */
	{{"other-address-6", "IP:127.0.0.2", -DAY, DAY}, "authority", "[::ffff:127.0.0.1]", HERE, HERE},
	{{"named", "DNS:localhost", -DAY, DAY}, "authority", "localhost", NULL, NULL},
	{{"other-name", "DNS:node.example,IP:127.0.0.1", -DAY, DAY},
	 "authority",
	 "localhost",
	 "no alternative",
	 "mismatch"},
};

static bool is_known(const char *host)
{
	struct addrinfo *found = NULL;
	if (strcmp(host, "localhost") != 0)
		return true;
	int rc = getaddrinfo(host, NULL, NULL, &found);
	if (rc == 0)
		freeaddrinfo(found);
	else
		(void)printf("skipped: this machine does not know localhost\n");
	return rc == 0;
}

START_TEST(test_certificate_then_taken_or_refused_with_the_reason)
{
	lying_node node[ASY_COUNT(rows)];
	for (size_t i = 0; i < ASY_COUNT(rows); i++)
		node[i] = serve(&rows[i].cert, rows[i].by);
	for (size_t i = 0; i < ASY_COUNT(rows); i++) {
		const row *r = &rows[i];
		if (!is_known(r->host))
			continue;
		meet("https", r->host, node[i].port, authority, r->cert.name, r->https);
		meet("wss", r->host, node[i].port, authority, r->cert.name, r->wss);
	}
	/* the system does not know our authority */
	meet("https", HERE, node[0].port, NULL, "no ca_file", "certificate");
	meet("wss", HERE, node[0].port, NULL, "no ca_file", "certificate");
	for (size_t i = 0; i < ASY_COUNT(rows); i++)
		lying_node_stop(&node[i]);
}
END_TEST

START_TEST(test_ca_file_when_configured_then_used_and_when_it_is_none_then_blamed)
{
	static const struct {
		const char *ca_file, *said;
	} files[] = {{"../authority.pem", "{\"check\":\"chain\",\"ok\":true"},
				 {"../nowhere.pem", "chain.ca_file: "},
				 {"../good.key", "holds no certificate"}};
	lying_node node = serve(&rows[0].cert, rows[0].by);
	for (size_t i = 0; i < ASY_COUNT(files); i++) {
		char *out = check(i % 2 == 0 ? "wss" : "https", node.port, files[i].ca_file);
		ck_assert_msg(strstr(out, files[i].said) != NULL, "%s: %s", files[i].ca_file, out);
		free(out);
	}
	lying_node_stop(&node);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_certificate_then_taken_or_refused_with_the_reason);
	tcase_add_test(tc, test_ca_file_when_configured_then_used_and_when_it_is_none_then_blamed);
}

int main(void)
{
	return test_main("tls", fill, 100);
}
