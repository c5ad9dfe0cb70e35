/** Docker's words for volumes (API 1.51). */

export type VolumeCreate = {
  /** "": the engine invents one */
  Name: string;
  Driver: string;
  DriverOpts: Record<string, string> | null;
  Labels: Record<string, string> | null;
};

export type VolumeShown = {
  CreatedAt: string;
  Driver: string;
  Labels: Record<string, string> | null;
  Mountpoint: string;
  Name: string;
  Options: Record<string, string> | null;
  Scope: "local";
  /** In answers of /system/df only. */
  UsageData?: { RefCount: number; Size: number };
};

export type VolumeList = { Volumes: VolumeShown[]; Warnings: string[] | null };
export type VolumesPruned = { VolumesDeleted: string[]; SpaceReclaimed: number };
