/* Certificates for tests, made when they are needed: nothing in the tree expires. */
#ifndef ASSAY_TESTS_SUPPORT_CERTIFICATE_H
#define ASSAY_TESTS_SUPPORT_CERTIFICATE_H

typedef struct {
	const char *name;     /* of the subject */
	const char *alt;      /* what it is for: "IP:127.0.0.1"; NULL: it is an authority */
	long from_s, until_s; /* seconds from now */
} certificate;

/* Writes DIR/NAME.pem and DIR/NAME.key, signed by that of by (DIR/BY.pem and .key), or by
 * itself where by is NULL. Ends the test on failure. */
void certificate_make(const char *dir, const certificate *c, const char *by);
#endif
