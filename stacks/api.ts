import { deployContainer } from "./container.ts";
import { deployFunctions } from "./http-api.ts";
import { settings } from "./stage.ts";

export const container = settings.api === "container" ? deployContainer() : undefined;
export const functions = settings.api === "functions" ? deployFunctions() : undefined;

export const url = container ? container.service.url : functions?.api.url;
