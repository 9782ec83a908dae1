/* file: a model's files, opened read-only, limited in size, and mapped shared, so that
 * any number of processes hold one copy of the weights. */
#ifndef ENC_FILE_H
#define ENC_FILE_H
#include "encoder/encoder.h"

typedef struct {
	const uint8_t *ptr; /* NULL when empty or absent */
	size_t len;
} enc_file;

/* ENC_UNAVAILABLE when there is no such file. Devices, pipes and folders are refused. */
enc_rc enc_file_map(const char *dir, const char *name, uint64_t max, enc_file *out, enc_err *err);
void enc_file_unmap(enc_file *f);

#endif
