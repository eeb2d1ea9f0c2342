import mongoose, { Schema } from 'mongoose';

interface IAccount {
  owner: string;
  handle?: string;
  balance: number;
}

const schema = new Schema<IAccount>(
  {
    owner: { type: String, required: true },
    handle: { type: String, unique: true },
    balance: { type: Number, default: 0, min: 0 },
  },
  { timestamps: true },
);

// The hook that the application relies on, and that a plain insert would miss.
schema.pre('save', function () {
  this.handle ??= this.owner.toLowerCase().replaceAll(' ', '-');
});

export const Account = mongoose.model('Account', schema);
