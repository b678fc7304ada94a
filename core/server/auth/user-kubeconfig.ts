/** Where the user's own kubectl looks: the first file of KUBECONFIG, or ~/.kube/config. */
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

export const userKubeconfig = (env: NodeJS.ProcessEnv = process.env): string => env['KUBECONFIG']?.split(delimiter).find((path) => path !== '') ?? join(homedir(), '.kube/config')
