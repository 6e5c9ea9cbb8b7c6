export { collectPictures } from './collect-pictures'
export { isPictureName, pictureAddress, picturesIn, thumbnailAddress } from './names'
export { type StoredPicture, storePicture } from './store-picture'
