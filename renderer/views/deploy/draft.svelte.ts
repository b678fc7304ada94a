/** What was begun in Deploy: kept while you look elsewhere, gone when you discard or deploy it. */
import { createContext } from 'svelte'
import { emptyForm, type DeployForm } from './form.ts'

export class Draft {
  form = $state<DeployForm>(emptyForm('default'))
  yaml = $state('')
  /** Name of the file the YAML came from. */
  file = $state<string | undefined>()
  namespace = $state('default')
  #nextId = 10

  get begun(): boolean { return this.form.image !== '' || this.yaml.trim() !== '' }
  id(): number { return this.#nextId++ }

  discard(): void {
    this.form = emptyForm(this.namespace)
    this.yaml = ''
    this.file = undefined
  }

  /** Text pasted, dropped or opened elsewhere in the window; then go to deploy/yaml. */
  take(text: string, file?: string): void {
    this.yaml = text
    this.file = file
  }
}

export const [getDraft, setDraft] = createContext<Draft>()
