package main

import (
	"context"
	"fmt"
	"time"

	awsapis "github.com/aws/karpenter-provider-aws/pkg/apis"
	"github.com/samber/lo"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Nobody but Karpenter makes NodeClaims, so that a cluster which gets definitions when they are first used lacks theirs.
var needed = []string{
	"ec2nodeclasses.karpenter.k8s.aws", "nodeclaims.karpenter.sh", "nodepools.karpenter.sh",
}

const establishedWithin = 30 * time.Second

// define makes those of the definitions that the cluster lacks, as Karpenter's chart brings them, and waits for them:
// the core asks for them only once, when it starts.
func define(ctx context.Context) error {
	scheme := runtime.NewScheme()
	lo.Must0(apiextensionsv1.AddToScheme(scheme))
	kube, err := client.New(ctrl.GetConfigOrDie(), client.Options{Scheme: scheme})
	if err != nil {
		return fmt.Errorf("reaching the cluster, %w", err)
	}
	for _, definition := range awsapis.CRDs {
		if !lo.Contains(needed, definition.Name) {
			continue
		}
		if err := kube.Create(ctx, definition.DeepCopy()); err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("making the definition %s, %w", definition.Name, err)
		}
	}
	return wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, establishedWithin, true,
		func(ctx context.Context) (bool, error) { return established(ctx, kube), nil })
}

func established(ctx context.Context, kube client.Client) bool {
	return lo.EveryBy(needed, func(name string) bool {
		found := &apiextensionsv1.CustomResourceDefinition{}
		if kube.Get(ctx, client.ObjectKey{Name: name}, found) != nil {
			return false
		}
		return lo.ContainsBy(found.Status.Conditions, func(it apiextensionsv1.CustomResourceDefinitionCondition) bool {
			return it.Type == apiextensionsv1.Established && it.Status == apiextensionsv1.ConditionTrue
		})
	})
}
