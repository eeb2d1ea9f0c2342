import mongoose from 'mongoose';

const schema = new mongoose.Schema({
  title: { type: String, required: true },
  likes: { type: Number, default: 0 },
  createdAt: { type: Date, default: Date.now },
});

export const Post = mongoose.model('Post', schema);
