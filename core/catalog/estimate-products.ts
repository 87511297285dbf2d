import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import type { Shop } from "../shop.ts";

/** Number of products as DynamoDB knows it without reading them: AWS counts about every six hours. */
export const estimateProducts = async (shop: Shop): Promise<number> => {
  const { Table } = await shop.db.send(new DescribeTableCommand({ TableName: shop.tables.products }));
  return Table?.ItemCount ?? 0;
};
