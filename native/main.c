/* No options: the plan on fd 3 is the only input. */
#include "context.h"
#include "ops.h"
#include "seal.h"
#include "serve.h"
#include "watch_nft.h"

#ifdef __SANITIZE_ADDRESS__
/* The search for leaks makes a thread at exit, which hangs once our children belong into another pid namespace. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "detect_leaks=0";
}
#endif

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--list-ops") == 0) {
        list_ops();
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--seal") == 0) return seal();
    if (argc == 2 && strcmp(argv[1], "--watch-nft") == 0) return watch_nft();
    size_t room = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) - argv[0]);
    if (argc == 3 && strcmp(argv[1], "--serve") == 0) return serve(argv[0], room, argv[2]);
    if (argc > 1) return 2;
    return launch(argv[0], room);
}
