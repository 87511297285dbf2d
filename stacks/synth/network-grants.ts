import { type Grant, inRegion, named, tagged } from "./grant.ts";

/** Grants for what clients come through. */
export const NETWORK_GRANTS: Readonly<Record<string, readonly Grant[]>> = {
  acm: [
    inRegion(
      "acm:*Certificate",
      "acm:*TagsForCertificate",
      "acm:*TagsToCertificate",
      "acm:*TagsFromCertificate",
    ),
  ],
  apigatewayv2: [
    inRegion(
      "apigateway:GET",
      "apigateway:POST",
      "apigateway:PATCH",
      "apigateway:PUT",
      "apigateway:DELETE",
      "apigateway:TagResource",
      "apigateway:UntagResource",
    ),
  ],
  ec2: [
    inRegion(
      "ec2:Describe*",
      "ec2:*Vpc*",
      "ec2:*Subnet*",
      "ec2:*Route*",
      "ec2:*InternetGateway",
      "ec2:*NatGateway*",
      "ec2:*Address*",
      "ec2:*SecurityGroup*",
      "ec2:*FlowLogs",
      "logs:*LogDelivery",
      "ec2:CreateTags",
      "ec2:DeleteTags",
    ),
  ],
  lb: [
    inRegion("elasticloadbalancing:Describe*"),
    tagged("aws:RequestTag", "elasticloadbalancing:Create*"),
    tagged(
      "aws:ResourceTag",
      "elasticloadbalancing:Delete*",
      "elasticloadbalancing:Modify*",
      "elasticloadbalancing:*Tags",
      "elasticloadbalancing:Set*",
    ),
    // Else a role could tag another stage's load balancer as its own.
    {
      actions: ["elasticloadbalancing:AddTags"],
      resources: ["*"],
      condition: {
        StringEquals: { "aws:RequestedRegion": "REGION" },
        StringLike: { "elasticloadbalancing:CreateAction": "Create*" },
      },
    },
  ],
  // Route 53 is global: its requests count as us-east-1's, wherever they come from.
  route53: [
    named(
      [
        "route53:GetHostedZone",
        "route53:ChangeResourceRecordSets",
        "route53:ListResourceRecordSets",
        "route53:ListTagsForResource",
      ],
      "arn:aws:route53:::hostedzone/ZONE",
    ),
    named(["route53:GetChange"], "arn:aws:route53:::change/*"),
    named(["route53:ListHostedZones*"], "*"),
  ],
  servicediscovery: [
    inRegion("servicediscovery:*"),
    // Cloud Map keeps a namespace in a private zone, under an id that nobody knows beforehand. Route 53 deletes no zone
    // that still has records.
    named(
      [
        "route53:CreateHostedZone",
        "route53:GetHostedZone",
        "route53:ListHostedZonesByName",
        "route53:DeleteHostedZone",
      ],
      "*",
    ),
  ],
};
