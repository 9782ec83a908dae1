/* Addresses a stranger may make us connect to. Cases written as an operator
 * would write them. */
#include <arpa/inet.h>
#include "http/http.h"
#include "support/test.h"

static asy_addr_class cls(const char *text)
{
	uint8_t ip[16] = {0};
	if (strchr(text, ':') != NULL) {
		ck_assert_int_eq(inet_pton(AF_INET6, text, ip), 1);
		return asy_addr_classify(ip, false);
	}
	ck_assert_int_eq(inet_pton(AF_INET, text, ip + 12), 1);
	return asy_addr_classify(ip, true);
}

START_TEST(test_addresses_when_of_a_kind_then_classified)
{
	static const char *const public_[] = {"1.1.1.1",           "9.255.255.255",  "11.0.0.0",
										  "100.63.255.255",    "100.128.0.0",    "126.255.255.255",
										  "128.0.0.1",         "169.253.0.1",    "172.15.255.255",
										  "172.32.0.0",        "192.167.0.1",    "192.169.0.1",
										  "198.17.0.1",        "198.20.0.0",     "223.255.255.255",
										  "2606:4700::1111",   "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
										  "2002:0808:0808::1", "2001:200::1",    "2a00::1"};
	static const char *const private_[] = {"10.0.0.1",          "100.64.0.1",
										   "127.0.0.1",         "127.255.255.254",
										   "169.254.169.254",   "172.16.0.1",
										   "172.31.255.255",    "192.168.1.1",
										   "198.18.0.1",        "::1",
										   "fc00::1",           "fdff::1",
										   "fe80::1",           "fec0::1",
										   "::ffff:127.0.0.1",  "::ffff:10.1.2.3",
										   "64:ff9b::10.0.0.1", "2002:7f00:0001::",
										   "64:ff9b:1::1"};
	static const char *const forbidden[] = {
		"0.0.0.0",     "0.0.0.1",   "192.0.0.1",      "192.0.2.1",        "198.51.100.1",
		"203.0.113.1", "224.0.0.1", "239.1.1.1",      "240.0.0.1",        "255.255.255.255",
		"::",          "::2",       "::127.0.0.1",    "ff02::1",          "100::1",
		"2001:db8::1", "2001::1",   "::ffff:0.0.0.0", "::ffff:224.0.0.1", "3fff::1"};
	for (size_t i = 0; i < ASY_COUNT(public_); i++)
		ck_assert_msg(cls(public_[i]) == ASY_ADDR_PUBLIC, "%s", public_[i]);
	for (size_t i = 0; i < ASY_COUNT(private_); i++)
		ck_assert_msg(cls(private_[i]) == ASY_ADDR_PRIVATE, "%s", private_[i]);
	for (size_t i = 0; i < ASY_COUNT(forbidden); i++)
		ck_assert_msg(cls(forbidden[i]) == ASY_ADDR_FORBIDDEN, "%s", forbidden[i]);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_addresses_when_of_a_kind_then_classified);
}

int main(void)
{
	return test_main("http.address", fill, 10);
}
