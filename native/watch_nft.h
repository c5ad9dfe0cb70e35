/* Who changes the rules of nftables in this network namespace. */
#ifndef WATCH_NFT_H
#define WATCH_NFT_H

/*
 * After each transaction: a line on fd 1 with the PID of who made it (the first PID namespace's number), or 0 when the
 * kernel could not keep up. The first line is a 0 of its own: nothing is missed from now on. Ends at end of file on fd
 * 0: with the engine. Returns an exit status, with the reason on fd 2.
 */
int watch_nft(void);

#endif
