/* Control messages between host and worker: one fixed header, one flat body, one
 * short text. Both sides decode with the same suspicion. Bulk data never goes here. */
#include <errno.h>
#include <sys/socket.h>
#include "plugin/proto.h"

#define HEAD 48u

void asy_msg_set_text(asy_msg *m, const char *text, size_t len)
{
	m->text_len = len > ASY_MSG_TEXT_MAX ? ASY_MSG_TEXT_MAX : (uint32_t)len;
	memcpy(m->text, text, m->text_len);
	m->text[m->text_len] = '\0';
}

size_t asy_msg_encode(const asy_msg *m, uint8_t out[ASY_MSG_MAX])
{
	memset(out, 0, HEAD);
	asy_put_u32le(out, ASY_PROTO_MAGIC);
	asy_put_u32le(out + 4, m->kind);
	asy_put_u32le(out + 8, m->text_len);
	asy_put_u32le(out + 12, m->seq);
	asy_put_u32le(out + 16, m->arg);
	asy_put_u32le(out + 20, (uint32_t)m->code);
	asy_put_u64le(out + 24, m->off);
	asy_put_u64le(out + 32, m->len);
	memcpy(out + HEAD, m->text, m->text_len);
	return HEAD + m->text_len;
}

assay_status asy_msg_decode(assay_span b, asy_msg *out, assay_err *err)
{
	if (b.len < HEAD || b.len > ASY_MSG_MAX)
		return ASSAY_FAIL(err, E_FORMAT, "control message of %zu bytes", b.len);
	uint32_t kind = asy_get_u32le(b.ptr + 4), text_len = asy_get_u32le(b.ptr + 8);
	if (asy_get_u32le(b.ptr) != ASY_PROTO_MAGIC)
		return ASSAY_FAIL(err, E_FORMAT, "control message without its magic");
	if (kind < ASY_MSG_HELLO || kind > ASY_MSG_BYE)
		return ASSAY_FAIL(err, E_FORMAT, "control message of unknown kind %" PRIu32, kind);
	if (text_len != b.len - HEAD)
		return ASSAY_FAIL(err, E_FORMAT, "control message says %" PRIu32 " bytes of text, has %zu",
						  text_len, b.len - HEAD);
	if (asy_get_u64le(b.ptr + 40) != 0)
		return ASSAY_FAIL(err, E_FORMAT, "control message with reserved bytes set");
	out->kind = kind;
	out->seq = asy_get_u32le(b.ptr + 12);
	out->arg = asy_get_u32le(b.ptr + 16);
	out->code = (int32_t)asy_get_u32le(b.ptr + 20);
	out->off = asy_get_u64le(b.ptr + 24);
	out->len = asy_get_u64le(b.ptr + 32);
	asy_msg_set_text(out, (const char *)b.ptr + HEAD, text_len);
	return ASSAY_OK;
}

assay_status asy_msg_send(int fd, const asy_msg *m, bool wait, assay_err *err)
{
	uint8_t bytes[ASY_MSG_MAX];
	size_t len = asy_msg_encode(m, bytes);
	ssize_t n;
	do
		n = send(fd, bytes, len, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)len)
		return ASSAY_FAIL(err, E_IO, "control message to the other side: %s", strerror(errno));
	return ASSAY_OK;
}

assay_status asy_msg_recv(int fd, asy_msg *m, bool wait, bool *got, assay_err *err)
{
	/* one byte more than allowed, so that a longer packet is seen to be too long */
	uint8_t bytes[ASY_MSG_MAX + 1];
	ssize_t n;
	*got = false;
	do
		n = recv(fd, bytes, sizeof bytes, wait ? 0 : MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return ASSAY_OK;
	if (n <= 0)
		return ASSAY_FAIL(err, E_IO, "the other side closed the control channel");
	assay_status st = asy_msg_decode(asy_span(bytes, (size_t)n), m, err);
	*got = st == ASSAY_OK;
	return st;
}
