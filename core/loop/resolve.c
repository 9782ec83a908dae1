/* Names to addresses, on libuv's threads: the loop goes on meanwhile.
 * Reason to change: another resolver. */
#include <netdb.h>
#include <stdlib.h>
#include "loop/impl.h"

struct asy_resolve {
	uv_getaddrinfo_t req;
	asy_resolve_fn *done; /* NULL: cancelled; only the memory is left */
	void *arg;
};

static void on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
	asy_resolve *r = req->data;
	char text[64] = "";
	bool ok =
		status == 0 && found != NULL &&
		(found->ai_family == AF_INET6
			 ? uv_ip6_name((struct sockaddr_in6 *)(void *)found->ai_addr, text, sizeof text)
			 : uv_ip4_name((struct sockaddr_in *)(void *)found->ai_addr, text, sizeof text)) == 0;
	uv_freeaddrinfo(found);
	if (r->done != NULL)
		r->done(r->arg, ok ? ASSAY_OK : ASSAY_E_NET, text);
	free(r);
}

assay_status asy_loop_resolve(asy_loop *l, const char *host, asy_resolve_fn *done, void *arg,
							  asy_resolve **out, assay_err *err)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	asy_resolve *r = calloc(1, sizeof *r);
	if (r == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "resolving a name");
	*r = (asy_resolve){.done = done, .arg = arg};
	r->req.data = r;
	int rc = uv_getaddrinfo(&l->uv, &r->req, on_resolved, host, NULL, &hints);
	if (rc != 0) {
		free(r);
		return ASSAY_FAIL(err, E_IO, "a name cannot be resolved: %s", uv_strerror(rc));
	}
	*out = r;
	return ASSAY_OK;
}

void asy_resolve_cancel(asy_resolve *r)
{
	if (r == NULL)
		return;
	r->done = NULL;
	(void)uv_cancel((uv_req_t *)&r->req); /* one that runs ends by itself */
}
