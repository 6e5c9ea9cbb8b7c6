export {
  offerColumns,
  offerOf,
  ownRate,
  providersFor,
  requireChargeable,
  requireSellable,
  type SoldTerms,
  type Terms,
  termsOf,
} from './offer'
export { sellingTerms } from './selling-terms'
