/* assay/base.h - the few types every public header of libassay shares:
 * status codes, the error object, borrowed spans.
 * Compiles alone, as C17 and as C++17. */
#ifndef ASSAY_BASE_H
#define ASSAY_BASE_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ASSAY_API __attribute__((visibility("default")))
#define ASSAY_CHECKED __attribute__((warn_unused_result))
#define ASSAY_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define ASSAY_API
#define ASSAY_CHECKED
#define ASSAY_PRINTF(f, a)
#endif

/* X(name, exit code, sentence). The numbers of the enum and the exit codes are
 * promised: append only. Exit code 1 is any failure without a class of its own;
 * 2 is wrong use of the command line. */
#define ASSAY_STATUS_LIST(X)                                                                       \
	X(OK, 0, "success")                                                                            \
	X(E_INTERNAL, 70, "a bug in Assay")                                                            \
	X(E_NOMEM, 71, "out of memory")                                                                \
	X(E_USAGE, 2, "wrong use of the command")                                                      \
	X(E_INPUT, 65, "invalid input")                                                                \
	X(E_FORMAT, 65, "malformed data")                                                              \
	X(E_RANGE, 65, "a value is out of range")                                                      \
	X(E_LIMIT, 65, "a limit is exceeded")                                                          \
	X(E_EMPTY, 65, "nothing to work on")                                                           \
	X(E_NOTFOUND, 66, "not found")                                                                 \
	X(E_CONFIG, 78, "the configuration is wrong")                                                  \
	X(E_IO, 74, "input or output failed")                                                          \
	X(E_LOCKED, 73, "in use by another process")                                                   \
	X(E_TIMEOUT, 75, "the deadline passed")                                                        \
	X(E_CANCELLED, 130, "interrupted")                                                             \
	X(E_NET, 69, "the network or a peer failed")                                                   \
	X(E_RPC, 76, "the chain node answered with an error")                                          \
	X(E_CHAIN, 79, "the chain refused or the chain state forbids it")                              \
	X(E_CRYPTO, 77, "a key or signature is wrong")                                                 \
	X(E_UNSUPPORTED, 80, "not supported")                                                          \
	X(E_PLUGIN, 81, "a plugin failed")                                                             \
	X(E_STORE, 82, "the data directory is damaged or unusable")                                    \
	X(E_REFUSED, 83, "refused by policy")                                                          \
	X(E_MISMATCH, 84, "two results that must be equal differ")                                     \
	X(E_AGAIN, 85, "not possible now; the same may succeed later")                                 \
	X(E_GONE, 86, "what was asked for is not kept any more")

typedef enum {
#define ASSAY_STATUS_ENUM(name, code, text) ASSAY_##name,
	ASSAY_STATUS_LIST(ASSAY_STATUS_ENUM)
#undef ASSAY_STATUS_ENUM
		ASSAY_STATUS_N
} assay_status;

/* What happened, in the caller's memory: failing never allocates. msg is always
 * NUL-terminated; a long chain of causes is cut at the end. */
typedef struct {
	assay_status status;
	char msg[512];
} assay_err;

/* Borrowed bytes; never owns, may hold any bytes. */
typedef struct {
	const uint8_t *ptr;
	size_t len;
} assay_span;

/* Borrowed writable bytes, for scratch space. */
typedef struct {
	uint8_t *ptr;
	size_t len;
} assay_mut;

/* The sentence, the name ("E_RANGE") and the process exit code of a status. [any] */
ASSAY_API const char *assay_status_text(assay_status st);
ASSAY_API const char *assay_status_name(assay_status st);
ASSAY_API int assay_status_exit(assay_status st);

/* Must succeed once before anything else of libassay is called; idempotent. Only
 * ASSAY_E_CRYPTO can come back. [any] */
ASSAY_API assay_status assay_init(assay_err *err) ASSAY_CHECKED;

/* Library version, "major.minor.patch". [any] */
ASSAY_API const char *assay_version(void);

#ifdef __cplusplus
}
#endif
#endif
