/** The script of all pages of the documentation. Without it they lack the search, and nothing else that matters. */
import { setUpCopying } from './copying.ts'
import { setUpLanguages } from './languages.ts'
import { showCurrentEntry } from './navigation.ts'
import { followOldLink, setUpSearch } from './search-box.ts'
import { setUpValues } from './values.ts'

showCurrentEntry()
setUpSearch()
setUpLanguages()
setUpValues()
setUpCopying()
void followOldLink()
