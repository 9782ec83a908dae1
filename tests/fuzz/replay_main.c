/* Replays a corpus through a fuzz target without the fuzzer. A missing or empty
 * corpus folder is a failure: a replay of nothing proves nothing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		return 0;
	struct stat sb;
	uint8_t *data = NULL;
	int ok = 0;
	if (fstat(fileno(f), &sb) == 0 && S_ISREG(sb.st_mode)) {
		size_t size = (size_t)sb.st_size;
		/* exact size, so that AddressSanitizer sees an over-read by one */
		data = malloc(size != 0 ? size : 1);
		if (data != NULL && fread(data, 1, size, f) == size) {
			(void)LLVMFuzzerTestOneInput(data, size);
			ok = 1;
		}
	}
	free(data);
	(void)fclose(f);
	return ok;
}

int main(int argc, char **argv)
{
	size_t replayed = 0;
	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);
		if (d == NULL) {
			replayed += (size_t)replay_file(argv[i]);
			continue;
		}
		for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
			char path[4096];
			if (e->d_name[0] == '.')
				continue;
			(void)snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
			replayed += (size_t)replay_file(path);
		}
		(void)closedir(d);
	}
	(void)printf("%zu inputs replayed\n", replayed);
	return replayed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
