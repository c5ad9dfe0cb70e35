/** /proc/PID/mountinfo and /proc/PID/cgroup as text to values (proc_pid_mountinfo(5), cgroups(7)). */

export type MountInfo = {
  id: number;
  parentId: number;
  major: number;
  minor: number;
  /** Path within the file system that is the root of this mount. */
  root: string;
  mountpoint: string;
  options: string[];
  /** "shared:N", "master:N", "propagate_from:N", "unbindable"; empty: private. */
  propagation: string[];
  fsType: string;
  source: string;
  superOptions: string[];
};

/** All mounts, in the order of the file: of two on the same mount point the later one is on top. */
export function parseMountInfo(text: string): MountInfo[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.split(" ");
    // Optional fields have no fixed number: a lone "-" ends them.
    const dash = fields.indexOf("-", 6);
    if (dash < 0) return [];
    const [id, parentId, device = "", root = "", mountpoint = "", options = ""] = fields;
    const [major, minor] = device.split(":");
    const [fsType = "", source = "", superOptions = ""] = fields.slice(dash + 1);
    return [
      {
        id: Number(id),
        parentId: Number(parentId),
        major: Number(major),
        minor: Number(minor),
        root: unescapeOctal(root),
        mountpoint: unescapeOctal(mountpoint),
        options: options.split(","),
        propagation: fields.slice(6, dash),
        fsType,
        source: unescapeOctal(source),
        superOptions: superOptions.split(","),
      },
    ];
  });
}

/** The kernel writes space, tab, newline and backslash as \040, \011, \012, \134. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

export type CgroupMembership = {
  hierarchy: number;
  /** Empty for the unified hierarchy (0::); "name=systemd" for a named one. */
  controllers: string[];
  path: string;
};

/** Lines of /proc/PID/cgroup: "4:cpu,cpuacct:/docker/x" or "0::/docker/x". */
export function parseCgroupMembership(text: string): CgroupMembership[] {
  return text.split("\n").flatMap((line) => {
    const match = /^(\d+):([^:]*):(.*)$/.exec(line);
    if (!match) return [];
    const [, hierarchy, controllers = "", path = ""] = match;
    return [{ hierarchy: Number(hierarchy), controllers: controllers === "" ? [] : controllers.split(","), path }];
  });
}
