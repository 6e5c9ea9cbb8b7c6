export { duplicateFunnel } from './duplicate-funnel'
export { changeFunnel, createFunnel, deleteFunnel, moveFunnel, readFunnelSettings } from './funnels'
export { createPage, deletePage, duplicatePage, movePage } from './pages'
