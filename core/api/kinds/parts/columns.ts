/** Table columns that several kinds share. Upstream: pkg/printers/internalversion/printers.go. */
import { age } from '../../age.ts'
import type { AnyObject, Column } from '../../kind.ts'
import type { Container } from '../../types/core.ts'

export const nameColumn: Column<AnyObject> = { name: 'Name', type: 'string', format: 'name', cell: (object) => object.metadata.name ?? '' }
export const ageColumn: Column<AnyObject> = { name: 'Age', type: 'string', cell: (object, now) => age(object.metadata.creationTimestamp, now) }
/** What kinds without columns of their own have instead of an age (upstream: apiserver/pkg/registry/rest/table.go). */
export const createdColumn: Column<AnyObject> = { name: 'Created At', type: 'date', cell: (object) => object.metadata.creationTimestamp ?? '' }

/** Containers, Images: shown with `-o wide` by kinds that carry a Pod template. */
export const containerColumns = <T>(containersOf: (object: T) => readonly Container[]): Column<T>[] => [
  { name: 'Containers', type: 'string', priority: 1, cell: (object) => containersOf(object).map(({ name }) => name).join(',') },
  { name: 'Images', type: 'string', priority: 1, cell: (object) => containersOf(object).map(({ image }) => image ?? '').join(',') },
]

export const noneIfEmpty = (text: string | undefined): string => (text === undefined || text === '' ? '<none>' : text)
