export { deliverToEndpoint, removeOldDeliveries } from './deliver'
export { listDeliveries, redeliver } from './deliveries'
export {
  changeEndpoint,
  createEndpoint,
  listEndpoints,
  removeEndpoint,
  rotateEndpointSecret,
  testEndpoint,
} from './endpoints'
