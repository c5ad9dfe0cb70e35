/** Which limits a host's cgroups can set: its controllers, its kernel's options and its boot parameters decide. */
export type CgroupFeatures = {
  memoryLimit: boolean;
  memoryReservation: boolean;
  swapLimit: boolean;
  swappiness: boolean;
  oomKillDisable: boolean;
  cpuShares: boolean;
  cpuQuota: boolean;
  cpuRealtime: boolean;
  cpuset: boolean;
  pidsLimit: boolean;
  blkioWeight: boolean;
  blkioThrottle: boolean;
  devices: boolean;
  freezer: boolean;
};
