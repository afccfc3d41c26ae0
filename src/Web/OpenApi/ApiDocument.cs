using HallOps.Core.Halls;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace HallOps.Web.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>, made from the endpoints themselves; <c>docs/openapi.json</c> is its kept copy.</summary>
public static class ApiDocument
{
    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "HallOps", Version = "v1", Description = "Queues and halls: docs/wire.md says what the document cannot." };
            // Where it is served is the reader's own business, and would differ in the kept copy.
            document.Servers = [];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, cancel) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (metadata.OfType<Outcomes.BodyShape>().FirstOrDefault() is { } body)
            {
                var schema = await context.GetOrCreateSchemaAsync(body.Type, parameterDescription: null, cancel);
                operation.RequestBody = new OpenApiRequestBody { Required = body.Type != typeof(NoBody), Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = schema } } };
                operation.Parameters ??= [];
                if (context.Description.HttpMethod == HttpMethods.Post)
                    operation.Parameters.Add(new OpenApiParameter { Name = "Idempotency-Key", In = ParameterLocation.Header, Description = "At most 255 characters; from an anonymous caller at least 16.", Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 } });
            }
            if (metadata.OfType<Act>().Cast<Act?>().FirstOrDefault() is { } act && !Rights.IsOpenToAnonymous(act))
                operation.Description = $"Needs a sign-in that may {act}.";
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // Written by converters of ours, which the generator cannot look into.
            if (context.JsonTypeInfo.Type == typeof(TextHash)) schema.Type = JsonSchemaType.String;
            if (context.JsonTypeInfo.Type == typeof(Explanation))
            {
                (schema.Type, schema.Required) = (JsonSchemaType.Object, null);
                schema.Properties = new Dictionary<string, IOpenApiSchema> { ["zh"] = new OpenApiSchema { Type = JsonSchemaType.String }, ["en"] = new OpenApiSchema { Type = JsonSchemaType.String } };
            }
            if (context.JsonTypeInfo.Type == typeof(NoticeView))
            {
                schema.Properties!.Remove("posted");
                schema.Properties["text"] = new OpenApiSchemaReference(nameof(Text), context.Document);
            }
            return Task.CompletedTask;
        });
    });

    public static void MapApiDocument(this IEndpointRouteBuilder app) => app.MapOpenApi("/openapi/{documentName}.json");
}
