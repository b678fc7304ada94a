/** What /version says. Clients take features from the Kubernetes version, people see whose server it is. */
const kubernetesMinor = 36

export const versionInfo = (orreryVersion: string, platform: NodeJS.Platform, arch: string) => ({
  major: '1',
  minor: String(kubernetesMinor),
  emulationMajor: '1',
  emulationMinor: String(kubernetesMinor),
  minCompatibilityMajor: '1',
  minCompatibilityMinor: String(kubernetesMinor - 1),
  gitVersion: `v1.${kubernetesMinor}.0+orrery-${orreryVersion}`,
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: `${platform === 'win32' ? 'windows' : platform}/${arch === 'x64' ? 'amd64' : arch}`,
})
